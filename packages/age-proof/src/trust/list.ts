import { type Bytes, fromBase64Lax } from '../bytes.ts';
import { readAnchor } from '../chain.ts';
import { instant } from '../fields.ts';
import { Refusal, refuse, type Verdict, verdict } from '../refusals.ts';
import type { Pin } from './pin.ts';
import { checkXades } from './xades.ts';
import { childrenOf, type Element, onlyChild, parseXml, textWithin } from './xml.ts';

const tsl = 'http://uri.etsi.org/02231/v2#';

const child = (element: Element | undefined, ...path: readonly string[]): Element | undefined =>
  path.reduce<Element | undefined>((at, local) => onlyChild(at, local, tsl), element);

const at = (element: Element | undefined, ...path: readonly string[]): number =>
  instant(textWithin(child(element, ...path)));

/** Children of several levels, all of them. */
const each = (element: Element | undefined, ...path: readonly string[]): readonly Element[] =>
  path.reduce<readonly Element[]>(
    (level, local) => level.flatMap((one) => childrenOf(one, local, tsl)),
    element === undefined ? [] : [element],
  );

/** Certificates of providers of proofs of age whose service is granted by now. */
function providers(root: Element, now: number): readonly string[] {
  const services = each(
    root,
    'TrustServiceProviderList',
    'TrustServiceProvider',
    'TSPServices',
    'TSPService',
  );
  return services
    .map((service) => child(service, 'ServiceInformation'))
    .filter((information) => {
      const kind = textWithin(child(information, 'ServiceTypeIdentifier'));
      const status = textWithin(child(information, 'ServiceStatus'));
      const since = at(information, 'StatusStartingTime');
      return /\/Svctype\/PAA$/i.test(kind) && /\/Svcstatus\/granted$/i.test(status) && since <= now;
    })
    .flatMap((information) =>
      each(information, 'ServiceDigitalIdentity', 'DigitalId', 'X509Certificate').map(textWithin),
    );
}

async function usable(text: string): Promise<Bytes | undefined> {
  try {
    const der = fromBase64Lax(text);
    await readAnchor(der);
    return der;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** What an import goes by. */
export interface ImportTerms {
  /** SHA-256 of the certificates that may sign the list, lower-case hexadecimal: published by the list's operator. */
  readonly signers: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The pin in force; an older list does not replace it. */
  readonly pinned?: Pin;
}

/** What an import brings: the pin and how many listed certificates we can't use. */
export interface Imported {
  readonly pin: Pin;
  readonly unusable: number;
}

/**
 * Verifies a trusted list (ETSI TS 119 612 XML, TSLType AVTL) offline and makes the pin that a server reads.
 * Certificates that are no authority of attestations are left out and counted.
 */
export function importTrustedList(xml: string, terms: ImportTerms): Promise<Verdict<Imported>> {
  const { signers, now, pinned } = terms;
  return verdict(async () => {
    const root = parseXml(xml);
    if (root.local !== 'TrustServiceStatusList' || root.space !== tsl) refuse('list_type');
    const { signer } = await checkXades(root, signers, now);
    const scheme = child(root, 'SchemeInformation');
    if (!/\/TSLType\/AVTL$/.test(textWithin(child(scheme, 'TSLType')))) refuse('list_type');
    const sequence = textWithin(child(scheme, 'TSLSequenceNumber'));
    const issuedAt = at(scheme, 'ListIssueDateTime');
    const nextUpdate = at(scheme, 'NextUpdate', 'dateTime');
    if (!/^\d{1,9}$/.test(sequence) || !(issuedAt <= now) || !(nextUpdate > issuedAt))
      refuse('list_malformed');
    if (now > nextUpdate) refuse('list_expired');
    const older = pinned !== undefined && Number(sequence) < pinned.sequence;
    if (older || (pinned !== undefined && issuedAt < pinned.issuedAt)) refuse('list_rollback');
    const listed = await Promise.all([...new Set(providers(root, now))].map(usable));
    const anchors = listed.filter((der) => der !== undefined);
    if (anchors.length === 0) refuse('list_empty');
    const pin: Pin = { signer, sequence: Number(sequence), issuedAt, nextUpdate, anchors };
    return { pin, unusable: listed.length - anchors.length };
  });
}
