/**
 * The lane of a user: a stable hash of (sdkAppId, userId) modulo the number of lanes. FNV-1a with a final mix; the value is
 * part of the stored format and must never change.
 *
 * @returns 0 to laneCount - 1
 */
export function laneOf(sdkAppId: number, userId: string, laneCount: number): number {
  if (laneCount === 1) return 0;
  let hash = 0x811c9dc5;
  const text = `${sdkAppId}:${userId}`;
  for (let i = 0; i < text.length; i += 1) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash >>> 0) % laneCount;
}
