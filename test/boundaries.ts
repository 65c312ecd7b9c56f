import { posix } from 'node:path';

/** A source file: its path from the repository's root with `/`, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** One import that crosses a boundary, and which. */
export interface Crossing {
  readonly path: string;
  readonly specifier: string;
  readonly rule: string;
}

const codeOf = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:'"`])\/\/.*$/gm, '$1');

/** Import and export specifiers of a text: static, dynamic with a literal, and `import('…')` types. */
export function specifiersOf(text: string): string[] {
  const code = codeOf(text);
  const found = new Set<string>();
  const patterns = [
    /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
    /\brequire(?:\.resolve)?\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  for (const pattern of patterns) {
    for (const [, specifier] of code.matchAll(pattern)) if (specifier !== undefined) found.add(specifier);
  }
  return [...found];
}

/** Which packages a package may use: downwards only. One that is not named uses none. */
const packagesBelow: Readonly<Record<string, readonly string[]>> = {
  'sealed-media': ['perceptual', 'protocol'],
  'case-model': ['law'],
  protocol: ['law', 'case-model'],
};

/** Folders and files of a package that are for Node alone, or run outside the product. */
const notPure =
  /(^|\/)(test|testing|scripts|assembly|decode-node|service|node|[\w-]+-node)(\/|\.ts$)|\.test\.ts$|\/test-support/;

/** Features of the server that must never learn who somebody is. */
const strangers: Readonly<Record<string, readonly string[]>> = { matching: ['accounts'] };

interface Place {
  readonly kind: 'package' | 'app' | 'other';
  /** Of the package or the app. */
  readonly name: string;
  /** Within an app's `src`: the feature's folder, or '' at its top. */
  readonly feature: string;
}

function placeOf(path: string): Place {
  const [top = '', name = '', third = '', fourth = '', ...rest] = path.split('/');
  if (top === 'packages') return { kind: 'package', name, feature: '' };
  if (top === 'apps') return { kind: 'app', name, feature: third === 'src' && rest.length > 0 ? fourth : '' };
  return { kind: 'other', name: top, feature: '' };
}

/** Where a specifier leads: a path of ours for relative ones, a workspace, a builtin or somebody else's package. */
function targetOf(path: string, specifier: string): { readonly path?: string; readonly workspace?: string } {
  if (specifier.startsWith('.')) return { path: posix.normalize(posix.join(posix.dirname(path), specifier)) };
  const workspace = /^@accord\/([^/]+)/.exec(specifier)?.[1];
  return workspace === undefined ? {} : { workspace };
}

const apps = new Set(['server', 'web', 'cli', 'bench', 'e2e']);

function ofPackage(path: string, own: Place, specifier: string): string | undefined {
  if (notPure.test(path)) return undefined;
  if (specifier.startsWith('node:')) return 'a package imports no node: module';
  const { path: to, workspace } = targetOf(path, specifier);
  const into = to === undefined ? undefined : placeOf(to);
  if (into !== undefined && (into.kind !== 'package' || into.name !== own.name)) {
    return 'a package reaches another by its name, not by a path';
  }
  if (workspace === undefined || workspace === own.name) return undefined;
  if (apps.has(workspace)) return 'a package imports no app';
  return packagesBelow[own.name]?.includes(workspace) ? undefined : 'a package depends downwards only';
}

function ofServer(path: string, own: Place, specifier: string): string | undefined {
  const { path: to, workspace } = targetOf(path, specifier);
  if (workspace !== undefined) return apps.has(workspace) ? 'the server imports no other app' : undefined;
  if (to === undefined) return undefined;
  const into = placeOf(to);
  const isTest = path.includes('/test/') || path.endsWith('.test.ts');
  if (into.kind !== 'app' || into.name !== 'server') {
    return isTest && to.startsWith('test/')
      ? undefined
      : 'the server reaches others by their name, not by a path';
  }
  if (own.feature === '' || into.feature === own.feature || into.feature === 'platform') {
    return own.feature === 'platform' && into.feature === '' && to.startsWith('apps/server/src/')
      ? 'the platform knows nothing of what stands on it'
      : undefined;
  }
  if (own.feature === 'platform') return 'the platform knows nothing of what stands on it';
  if (into.feature === '') return 'a feature does not know how it is composed';
  if (strangers[own.feature]?.includes(into.feature)) return `${own.feature} never learns of ${into.feature}`;
  // Types that two features share before either has a body stand beside its index.
  return /\/(index|types)\.ts$/.test(to) ? undefined : "a feature uses another's index alone";
}

function ofWeb(path: string, specifier: string): string | undefined {
  const { path: to, workspace } = targetOf(path, specifier);
  if (workspace !== undefined && apps.has(workspace) && workspace !== 'web')
    return 'the web imports no other app';
  // Its tests talk to the real server, by what the server's own tests use.
  if (path.startsWith('apps/web/test/') && to?.startsWith('apps/server/test/')) return undefined;
  const outside = to !== undefined && !to.startsWith('apps/web/');
  return outside ? 'the web reaches others by their name, not by a path' : undefined;
}

/** Every import that crosses a boundary. See ARCHITECTURE.md for the boundaries. */
export function crossings(sources: readonly Source[]): Crossing[] {
  const out: Crossing[] = [];
  for (const { path, text } of sources) {
    const own = placeOf(path);
    for (const specifier of specifiersOf(text)) {
      let rule: string | undefined;
      if (own.kind === 'package') rule = ofPackage(path, own, specifier);
      else if (own.name === 'server') rule = ofServer(path, own, specifier);
      else if (own.name === 'web') rule = ofWeb(path, specifier);
      if (rule !== undefined) out.push({ path, specifier, rule });
    }
  }
  return [...out, ...featureCycles(sources)];
}

/** Features of the server whose code needs each other. Types alone make no cycle: they are gone at run time. */
function featureCycles(sources: readonly Source[]): Crossing[] {
  const uses = new Map<string, Map<string, Crossing>>();
  for (const { path, text } of sources) {
    const own = placeOf(path);
    if (own.name !== 'server' || own.feature === '' || path.endsWith('.test.ts')) continue;
    const running = text.replaceAll(/\b(?:import|export)\s+type\b[^'"]*['"][^'"]*['"]/g, '');
    for (const specifier of specifiersOf(running)) {
      const { path: to } = targetOf(path, specifier);
      const into = to === undefined ? undefined : placeOf(to);
      if (into === undefined || into.feature === '' || into.feature === own.feature) continue;
      const crossing = { path, specifier, rule: `${own.feature} and ${into.feature} need each other` };
      const known = uses.get(own.feature) ?? new Map<string, Crossing>();
      uses.set(own.feature, known.set(into.feature, crossing));
    }
  }
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    [...(uses.get(from)?.keys() ?? [])].some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
    );
  return [...uses].flatMap(([from, targets]) =>
    [...targets].filter(([to]) => reaches(to, from)).map(([, crossing]) => crossing),
  );
}

/** What of Node's modules opens no connection to somebody. The names of types are not looked at. */
const opensNothing: Readonly<Record<string, readonly string[]>> = {
  'node:http': ['createServer', 'STATUS_CODES'],
  'node:https': [],
  'node:http2': [],
  'node:net': ['createServer', 'isIP', 'isIPv4', 'isIPv6', 'BlockList'],
  'node:tls': [],
  'node:dgram': [],
};

/**
 * Files of the server and of its commands that ask somebody over the network by another way than `platform/outside.ts`, which bounds
 * what comes back and where it may go. Drivers of the database, of mail and of the bus have bounds of their own.
 */
export function waysAround(sources: readonly Source[]): string[] {
  const ours = (path: string) => /^apps\/(server|cli)\/src\//.test(path) && !path.endsWith('.test.ts');
  return sources
    .filter(({ path }) => ours(path) && path !== 'apps/server/src/platform/outside.ts')
    .filter(({ text }) => {
      const code = codeOf(text);
      if (/(?<![\w.#]|function )fetch\(|\bglobalThis\.fetch\b/.test(code)) return true;
      const imports = code.matchAll(/\bimport\s+(?!type\b)([^'";]*?)\s*from\s*['"]([^'"]+)['"]/g);
      return [...imports].some(([, names = '', module = '']) => {
        if (/^(undici|axios|got|node-fetch)$/.test(module)) return true;
        const harmless = Object.hasOwn(opensNothing, module) ? opensNothing[module] : undefined;
        if (harmless === undefined) return false;
        if (!names.startsWith('{')) return true;
        return names
          .replaceAll(/[{}]/g, '')
          .split(',')
          .map((name) => name.trim().split(/\s+as\s+/)[0] ?? '')
          .some((name) => name !== '' && !name.startsWith('type ') && !harmless.includes(name));
      });
    })
    .map(({ path }) => path);
}
