export function billOfMaterials(build: { electron: string; full: boolean; time: number }): Promise<string>
