/**
 * To how many random others each node sends a piece of news once, so that all `audience` of them hear it with
 * probability e^-e^-extra (Kermarrec, Massoulié, Ganesh 2003, theorem 1: fan-out ln n + c).
 */
export function fanOut(audience: number, extra: number): number {
  return Math.ceil(Math.log(audience + 1)) + extra;
}
