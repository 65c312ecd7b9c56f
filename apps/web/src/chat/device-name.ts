import type { Messages } from '../messages/index.ts';

/** The first that matches names it: Edge and Opera also say Chrome, and Chrome says Safari. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/CrOS/, 'ChromeOS'],
  [/Windows/, 'Windows'],
  [/Macintosh|Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
];

const named = (agent: string, names: readonly (readonly [RegExp, string])[]) =>
  names.find(([pattern]) => pattern.test(agent))?.[1];

/** A name to start from for a device of one's own, from the browser's user agent. */
export function suggestDeviceName(agent: string, t: Messages['account']['deviceNames']): string {
  const system = named(agent, systems) ?? (/Mobi/.test(agent) ? t.phone : t.computer);
  return t.on(named(agent, browsers) ?? t.browser, system);
}
