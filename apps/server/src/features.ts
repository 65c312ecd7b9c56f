import type { routes } from '@accord/protocol';
import type { FastifyInstance } from 'fastify';
import { type Accounts, createAccounts } from './accounts/index.ts';
import { type Cases, createCases } from './cases/index.ts';
import { createDelivery, type Delivery } from './delivery/index.ts';
import { addDesk } from './desk/index.ts';
import { createExchange, type Exchange } from './exchange/index.ts';
import { createGate } from './gate/index.ts';
import { addHma } from './hma/index.ts';
import { createMatching, type Matching } from './matching/index.ts';
import { createMedia, type Media, openFranking } from './media/index.ts';
import { createPartners, type Partners, tellPartners } from './partners/index.ts';
import type { Purge } from './platform/housekeeping.ts';
import { type Guard, type Handlers, serve } from './platform/http.ts';
import type { Platform } from './platform/platform.ts';
import { createPresence } from './presence/index.ts';

/** What the features leave to the process: what to purge, and how to end them in order. */
export interface Features {
  readonly purges: readonly Purge[];
  readonly media: Media;
  readonly matching: Matching;
  readonly cases: Cases;
  readonly partners: Partners;
  readonly exchange: Exchange;
  /** Makes ready what takes a while; before the first request. */
  start(): Promise<void>;
  /** Ends what they have under way: sends are answered, sockets closed. */
  stop(): Promise<void>;
  /** Lets go of the rest, after the last answer. */
  close(): Promise<void>;
}

/** Builds every feature on the platform and adds its routes, in reading order. */
export async function addFeatures(app: FastifyInstance, platform: Platform): Promise<Features> {
  const gate = createGate(platform);
  const accounts: Accounts = createAccounts(platform, gate);
  const guard: Guard = {
    caller: accounts.caller,
    callers: accounts.callers,
    assertMayTalk: gate.assertMayTalk,
    whoMayTalk: gate.whoMayTalk,
    assertStaff: (accountId, may) => cases.assertStaff(accountId, may),
  };
  const franking = await openFranking(platform);
  // The two know each other: a request that is accepted opens a conversation, a socket tells who is here.
  const presence = createPresence(platform, {
    accounts,
    gate,
    conversations: {
      openConversation: (tx, one, other) => delivery.openConversation(tx, one, other),
      findOpenConversation: (tx, one, other) => delivery.findOpenConversation(tx, one, other),
    },
  });
  const delivery: Delivery = createDelivery(platform, {
    guard,
    accounts,
    presence,
    franking,
    closed: (tx, one, other) => media.conversationClosed(tx, one, other),
  });
  const matching = createMatching(platform);
  const media: Media = await createMedia(platform, { accounts, conversations: delivery, franking });
  accounts.on(media.accountHooks);
  // The two never meet: the one tells of its pictures by their names, the other knows them by tags of its own.
  media.on({
    opening: (tx, blobId) => matching.registry.confirm(tx, blobId),
    async ended(tx, blobIds, why) {
      if (why === 'withdrawn') await matching.registry.bar(tx, blobIds);
      await matching.registry.ended(tx, blobIds);
    },
  });
  const exchange = createExchange(platform, { matching });
  const cases: Cases = await createCases(platform, {
    accounts,
    elsewhere: { matching, media, exchange },
    told: tellPartners,
  });

  const partners = createPartners(platform, { matching, cases });
  addHma(platform, partners, { matching, exchange });

  const handlers: Handlers<keyof typeof routes> = {
    ...accounts.handlers,
    ...gate.handlers,
    ...presence.handlers,
    ...delivery.handlers,
    ...matching.handlers,
    ...media.handlers,
    ...cases.handlers,
  };
  app.register(async (scope) => {
    serve(scope, guard, handlers);
    gate.registerPages(scope);
    addDesk(scope, platform, cases.desk);
  });
  delivery.attachSocket(app.server);
  return {
    purges: [
      ...accounts.purges,
      ...gate.purges,
      ...presence.purges,
      ...delivery.purges,
      ...media.purges,
      ...matching.purges,
      ...cases.purges,
      ...partners.purges,
    ],
    matching,
    media,
    cases,
    partners,
    async start() {
      await gate.start();
      // Says that the index is not loaded until it is.
      await partners.listen();
      await matching.start();
      media.start();
    },
    exchange,
    async stop() {
      await Promise.all([partners.close(), cases.rounds.stop(), exchange.rounds.stop()]);
      await delivery.close();
    },
    async close() {
      await partners.close();
      await matching.close();
      await media.close();
    },
  };
}
