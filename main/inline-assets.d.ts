/** A file of a package as a data URL, which Vite puts into the bundle. */
declare module '*inline' {
  const url: string
  export default url
}
