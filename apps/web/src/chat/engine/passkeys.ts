import type { Body } from '@accord/protocol';
import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser';
import { EngineError } from './api.ts';

type Credential = Body<'accounts.registration.finish'>['credential'];

/** What a passkey gave: the response for the server, and the PRF output, which stays in this browser. */
export interface Given {
  readonly credential: Credential;
  readonly prf: Uint8Array | null;
}

interface Extended {
  readonly extensions?: Record<string, unknown>;
}

/** Makes a passkey. @throws {EngineError} `passkey_cancelled`, `passkey_unsupported`, `ceremony_failed` */
export async function makePasskey(options: Record<string, unknown>): Promise<Given> {
  const optionsJSON = (await withPrf(options)) as unknown as Parameters<
    typeof startRegistration
  >[0]['optionsJSON'];
  return given(() => startRegistration({ optionsJSON }));
}

/** Uses a passkey. @throws as {@link makePasskey} */
export async function askPasskey(options: Record<string, unknown>): Promise<Given> {
  const optionsJSON = (await withPrf(options)) as unknown as Parameters<
    typeof startAuthentication
  >[0]['optionsJSON'];
  return given(() => startAuthentication({ optionsJSON }));
}

/** Asks for the PRF of a fixed input (WebAuthn Level 3 §10.1.4): the same passkey gives the same 32 bytes. */
async function withPrf(options: Record<string, unknown> & Extended): Promise<Record<string, unknown>> {
  const input = new TextEncoder().encode('accord/prf/1');
  const first = new Uint8Array(await crypto.subtle.digest('SHA-256', input));
  return { ...options, extensions: { ...options.extensions, prf: { eval: { first } } } };
}

async function given(
  ask: () => Promise<{ id: string; rawId: string; type: string; clientExtensionResults: object }>,
): Promise<Given> {
  try {
    const response = await ask();
    const { prf, ...results } = response.clientExtensionResults as {
      prf?: { results?: { first?: ArrayBuffer | Uint8Array } };
    };
    const first = prf?.results?.first;
    return {
      // The PRF output is the key to the identity: it must not be in what goes to the server.
      credential: { ...response, clientExtensionResults: results } as Credential,
      prf: first === undefined ? null : new Uint8Array(first),
    };
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): EngineError {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') return new EngineError('passkey_cancelled');
  if (error instanceof WebAuthnError && error.code === 'ERROR_CEREMONY_ABORTED')
    return new EngineError('passkey_cancelled');
  if (name === 'NotSupportedError' || typeof globalThis.PublicKeyCredential !== 'function')
    return new EngineError('passkey_unsupported');
  return new EngineError('ceremony_failed');
}
