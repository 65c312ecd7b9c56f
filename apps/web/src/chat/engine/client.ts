import { scriptAddress } from '../../trusted.ts';
import { type Conversation, type Engine, type EngineEvent, type Me, starting } from './api.ts';
import type { Passkey } from './core/account.ts';
import type { Methods } from './core/core.ts';
import { askPasskey, makePasskey } from './passkeys.ts';
import { type Answer, Caller, type Hint, type Told } from './rpc.ts';
import workerAddress from './worker.ts?worker&url';

type Name = keyof Methods;
type Input<N extends Name> = Parameters<Methods[N]> extends [infer I] ? [input: I] : [];
type Output<N extends Name> = Awaited<ReturnType<Methods[N]>>;

/** Starts this tab's worker and gives the engine as the pages use it. */
export function startEngine(): Engine {
  const worker = new Worker(scriptAddress(workerAddress), { type: 'module', name: 'accord-engine' });
  const caller = new Caller((call) => worker.postMessage(call));
  const ask = <N extends Name>(method: N, ...[input]: Input<N>) =>
    caller.call(method, input) as Promise<Output<N>>;
  const listeners = new Set<(event: EngineEvent) => void>();
  let status = starting;
  let known: readonly Conversation[] = [];

  function told(event: EngineEvent): void {
    if (event.type === 'status') status = event.status;
    if (event.type === 'conversations') known = event.conversations;
    for (const listener of listeners) listener(event);
  }

  worker.addEventListener('message', ({ data }: MessageEvent<Answer | Told>) => {
    if (data.type === 'event') told(data.event);
    else caller.answered(data);
  });
  const hint = (said: Hint) => worker.postMessage(said);
  const onNetwork = () => hint({ type: 'network', there: navigator.onLine });
  addEventListener('online', onNetwork);
  addEventListener('offline', onNetwork);
  const onSight = () => hint({ type: 'hidden', hidden: document.visibilityState === 'hidden' });
  const onLeave = () => hint({ type: 'hidden', hidden: true });
  document.addEventListener('visibilitychange', onSight);
  addEventListener('pagehide', onLeave);
  addEventListener('pageshow', onSight);
  void ask('status').then((first) => status.stage === 'starting' && told({ type: 'status', status: first }));
  void ask('conversations.list').then((conversations) => told({ type: 'conversations', conversations }));
  void askToPersist().then((persistent) => hint({ type: 'persistent', persistent }));

  return {
    account: accountOf(
      ask,
      () => void askToPersist().then((persistent) => hint({ type: 'persistent', persistent })),
    ),
    requests: {
      list: () => ask('requests.list'),
      send: (input) => ask('requests.send', input),
      accept: (requestId) => ask('requests.accept', { requestId }),
      hide: (requestId) => ask('requests.hide', { requestId }),
    },
    conversations: {
      list: () => ask('conversations.list'),
      timeline: (input) => ask('conversations.timeline', input),
      send: (input) => ask('conversations.send', input),
      edit: (input) => ask('conversations.edit', input),
      react: (input) => ask('conversations.react', input),
      deleteForBoth: (input) => ask('conversations.deleteForBoth', input),
      retry: (input) => ask('conversations.retry', input),
      markRead: (input) => ask('conversations.markRead', input),
      setDraft: (input) => ask('conversations.setDraft', input),
      typing: (input) => ask('conversations.typing', input),
      setTimer: (input) => ask('conversations.setTimer', input),
      search: (input) => ask('conversations.search', input),
      safetyCode: (input) => ask('conversations.safetyCode', input),
      setVerified: (input) => ask('conversations.setVerified', input),
      acceptKey: (input) => ask('conversations.acceptKey', input),
      close: (input) => ask('conversations.close', input),
      block: (input) => ask('conversations.block', input),
    },
    pictures: {
      send: (input) => ask('pictures.send', input),
      look: (input) => ask('pictures.look', input),
      decide: (input) => ask('pictures.decide', input),
      open: (input) => ask('pictures.open', input),
      askAgain: (input) => ask('pictures.askAgain', input),
      refused: (input) => ask('pictures.refused', input),
      mine: () => ask('pictures.mine'),
      takeBack: (input) => ask('pictures.takeBack', input),
      takeBackAll: () => ask('pictures.takeBackAll'),
      grant: (input) => ask('pictures.grant', input),
      withdrawGrant: (input) => ask('pictures.withdrawGrant', input),
      questions: () => ask('pictures.questions'),
      openQuestion: (input) => ask('pictures.openQuestion', input),
      answer: (input) => ask('pictures.answer', input),
      withdrawYes: (input) => ask('pictures.withdrawYes', input),
      senders: () => ask('pictures.senders'),
      setSender: (input) => ask('pictures.setSender', input),
      report: (input) => ask('pictures.report', input),
    },
    settings: {
      read: () => ask('settings.read'),
      write: (settings) => ask('settings.write', settings),
      exportData: async () => new Blob([await ask('settings.export')], { type: 'application/json' }),
    },
    status: () => status,
    known: () => known,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ready() {
      if (status.stage !== 'starting') return Promise.resolve(status);
      return new Promise((resolve) => {
        const listener = (event: EngineEvent) => {
          if (event.type !== 'status' || event.status.stage === 'starting') return;
          listeners.delete(listener);
          resolve(event.status);
        };
        listeners.add(listener);
      });
    },
    stop() {
      removeEventListener('online', onNetwork);
      removeEventListener('offline', onNetwork);
      document.removeEventListener('visibilitychange', onSight);
      removeEventListener('pagehide', onLeave);
      removeEventListener('pageshow', onSight);
      worker.terminate();
    },
  };
}

type Ask = <N extends Name>(method: N, ...input: Input<N>) => Promise<Output<N>>;

/** The flows with a passkey: the ceremony runs here, in the page; the keys stay in the worker. */
function accountOf(ask: Ask, enrolled: () => void): Engine['account'] {
  const withDevice = (
    ceremonyId: string,
    given: Pick<Passkey, 'credential' | 'prf'>,
    deviceName: string,
  ): Passkey => ({ ceremonyId, ...given, deviceName });
  const settled = <T extends { readonly me: Me }>(result: T): T => {
    enrolled();
    return result;
  };
  return {
    async register({ pseudonym, deviceName }) {
      const { ceremonyId, options } = await ask('account.beginRegistration', { pseudonym });
      const given = await makePasskey(options);
      return settled(await ask('account.finishRegistration', withDevice(ceremonyId, given, deviceName)));
    },
    async signIn({ deviceName }) {
      const { ceremonyId, options } = await ask('account.beginSignIn');
      const given = await askPasskey(options);
      return settled(await ask('account.finishSignIn', withDevice(ceremonyId, given, deviceName)));
    },
    async returnWithCode({ code, deviceName }) {
      const { ceremonyId, options } = await ask('account.beginReturn', { code });
      const given = await makePasskey(options);
      return settled(await ask('account.finishReturn', withDevice(ceremonyId, given, deviceName)));
    },
    createLinkCode: () => ask('account.createLinkCode'),
    replaceRecoveryCode: () => ask('account.replaceRecoveryCode'),
    signOut: () => ask('account.signOut'),
    forget: () => ask('account.forget'),
    deleteAccount: () => ask('account.delete'),
    refresh: () => ask('account.refresh'),
  };
}

/** The browser may grant it once the site is installed or used often; it is asked again at each start. */
async function askToPersist(): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return false;
  }
}
