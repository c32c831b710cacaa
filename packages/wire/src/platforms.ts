/** Where a change came from, as `OptPlatform` of a callback spells it. */
export type OptPlatform = 'RESTAPI' | 'Web' | 'Android' | 'iOS' | 'Windows' | 'Mac' | 'iPad' | 'Unknown';

/**
 * All values of `OptPlatform`. Some English pages print `macOS` for `Mac`; the majority is followed.
 *
 * @see Tencent Cloud Chat, "Webhook Overview", document 1047/34354
 */
export const OPT_PLATFORMS: readonly OptPlatform[] = [
  'RESTAPI',
  'Web',
  'Android',
  'iOS',
  'Windows',
  'Mac',
  'iPad',
  'Unknown',
];

const BY_NAME: ReadonlyMap<string, OptPlatform> = new Map([
  ...OPT_PLATFORMS.map((platform) => [platform.toLowerCase(), platform] as const),
  ['macos', 'Mac'] as const,
]);

/** The platform of an `OptPlatform` parameter: letter case is ignored, `macOS` is Mac, anything else is Unknown. */
export function parseOptPlatform(text: string): OptPlatform {
  return BY_NAME.get(text.toLowerCase()) ?? 'Unknown';
}
