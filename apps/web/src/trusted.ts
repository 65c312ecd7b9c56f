/**
 * The single Trusted Types policy of the page (`trusted-types accord` in the server's policy). Only
 * script addresses of our own origin pass; markup and code from strings have no policy at all.
 */
interface Policy {
  createScriptURL(url: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

function ours(url: string): string {
  const address = new URL(url, location.href);
  if (address.origin !== location.origin) throw new TypeError('a script of another origin');
  return address.href;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
const policy: Policy = factory?.createPolicy('accord', { createScriptURL: ours }) ?? {
  createScriptURL: ours,
};

/**
 * Address of a script of ours, for `new Worker` and `serviceWorker.register`.
 * @throws {TypeError} where the address is of another origin
 */
export function scriptAddress(url: string | URL): string {
  return policy.createScriptURL(String(url));
}
