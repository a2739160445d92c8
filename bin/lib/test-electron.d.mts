export function testElectron(): Promise<{ dist: string; version: string; appImageRuntime: string }>
