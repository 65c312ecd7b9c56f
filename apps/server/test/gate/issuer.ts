import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cast, day, now as issuedNow, makeCast } from '@accord/age-proof/testing';
import { owfIssue } from '@accord/age-proof/testing/independent';
import { type TestWallet, walletOf } from '@accord/age-proof/testing/wallet';
import { formatPin, pinName } from '@accord/age-proof/trust';
import type { Reply } from '@accord/protocol';
import type { Client } from '../client.ts';
import { addressOf } from '../people.ts';
import { freshFolder } from '../support.ts';

/** A moment at which the issuer's certificates and attestations are good, in ms. */
export const issuerNow = issuedNow;

/** An issuer with a list that names it, pinned in a data folder, and wallets that it fills. */
export interface TestIssuer extends AsyncDisposable {
  readonly cast: Cast;
  /** A data folder, as `ACCORD_DATA`. */
  readonly folder: string;
  /** Pins a list with this issuer in it, as the command does. */
  pin(list?: { readonly nextUpdate?: number; readonly sequence?: number; readonly by?: Cast }): Promise<void>;
  /** A wallet with one fresh attestation. */
  wallet(adult?: boolean): Promise<TestWallet>;
}

/** An issuer that none of our own code plays, whose list is pinned in a fresh folder. */
export async function testIssuer(): Promise<TestIssuer> {
  const cast = await makeCast();
  const folder = await freshFolder();
  const issuer: TestIssuer = {
    cast,
    folder,
    async pin({ nextUpdate = issuerNow + 60 * day, sequence = 1, by = cast } = {}) {
      const pin = {
        signer: '0'.repeat(64),
        sequence,
        issuedAt: issuerNow - 10 * day,
        nextUpdate,
        anchors: [by.caCertificate],
      };
      await writeFile(join(folder, pinName), formatPin(pin));
    },
    wallet: async (adult = true) => walletOf(cast, await owfIssue(cast, adult)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  await issuer.pin();
  return issuer;
}

type Begun = Reply<'gate.begin'>;

/** The request of one protocol among those that a page hands to the browser. */
export function requestOf({ present }: Begun, protocol: string): unknown {
  const requests = present.kind === 'browser' ? present.requests : [];
  return requests.find((request) => request.protocol === protocol)?.data;
}

/** What a page posts after a wallet answered through the browser. */
export async function browserAnswer(
  begun: Begun,
  wallet: TestWallet,
  protocol: 'openid4vp-v1-unsigned' | 'org-iso-mdoc',
  origin: string,
): Promise<string> {
  const asked = requestOf(begun, protocol);
  const data =
    protocol === 'org-iso-mdoc' ? await wallet.isoMdoc(asked, origin) : await wallet.openid4vp(asked, origin);
  return JSON.stringify({ protocol, data });
}

/** Posts a wallet's answer as an app does: a form, without origin or cookie. */
export const postAnswer = (responseUri: string, fields: URLSearchParams): Promise<Response> =>
  fetch(responseUri, { method: 'POST', body: fields });

/** Shows a wallet to a proof by link or code. @returns where the wallet is to go back to, if anywhere */
export async function answerByApp(begun: Begun, wallet: TestWallet): Promise<URL | undefined> {
  const { responseUri, fields } = await wallet.redirect(addressOf(begun).href);
  const answer = await postAnswer(responseUri, fields);
  const { redirect_uri } = (await answer.json()) as { redirect_uri?: string };
  return redirect_uri === undefined ? undefined : new URL(redirect_uri);
}

/** The code in the address that a wallet goes back to. */
export const codeIn = (back: URL | undefined): string =>
  new URLSearchParams(back?.hash.slice(1)).get('response') ?? '';

/** Begins a proof by the wallet. */
export const beginByWallet = (client: Client, way: 'browser' | 'link' | 'code'): Promise<Begun> =>
  client.call('gate.begin', { body: { method: 'wallet', way } });

/** Ends a proof. */
export const finish = (client: Client, { proofId }: Pick<Begun, 'proofId'>, response: string) =>
  client.call('gate.finish', { params: { proofId }, body: { response } });

/** Proves the age of whoever is signed in, by a wallet with a fresh attestation. */
export async function proveByWallet(issuer: TestIssuer, client: Client): Promise<Reply<'gate.finish'>> {
  const begun = await beginByWallet(client, 'browser');
  const wallet = await issuer.wallet();
  return finish(client, begun, await browserAnswer(begun, wallet, 'org-iso-mdoc', client.origin));
}
