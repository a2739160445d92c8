/** [replica, sample × position, unit] (or a parameter's [replica, rows, columns]), row-major, float64. */
export interface Array3 {
  shape: [number, number, number]
  values: Float64Array
}

/**
 * @param values row-major; absent: zeros. They are copied.
 * @throws Error where they do not fill the shape
 */
export function array3(shape: [number, number, number], values?: ArrayLike<number>): Array3 {
  const size = shape[0] * shape[1] * shape[2]
  if (values && values.length !== size)
    throw new Error(`${values.length} values do not fill ${shape.join(' × ')}`)
  return { shape, values: values ? Float64Array.from(values) : new Float64Array(size) }
}
