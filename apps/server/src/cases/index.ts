import { clockIds, clockRules } from '@accord/law';
import type { RouteName } from '@accord/protocol';
import type { Accounts } from '../accounts/index.ts';
import type { Purge } from '../platform/housekeeping.ts';
import type { Guard, Handlers } from '../platform/http.ts';
import { createLimiter } from '../platform/limiter.ts';
import type { Platform } from '../platform/platform.ts';
import type { Rounds } from '../platform/rounds.ts';
import { createSharedLimiter } from '../platform/shared-limiter.ts';
import { approvalHandlers } from './approvals.ts';
import { startClocks } from './clocks.ts';
import { consoleHandlers } from './console.ts';
import { queueFigures } from './figures.ts';
import {
  appealAsReporter,
  closeFollowUp,
  completeRequest,
  type FollowUp,
  openFollowUp,
  readFollowUp,
  recoverPin,
  sayToDesk,
  withdrawRequest,
} from './follow.ts';
import { type CaseRequest, checkRequest, type Filed, fileRequest } from './intake.ts';
import { smtpPost } from './mail.ts';
import { mineHandlers } from './mine.ts';
import { createPartnerDesk, type PartnerDesk } from './partner-desk.ts';
import type { Elsewhere, Parts, Told } from './parts.ts';
import { casePurges } from './purges.ts';
import { createRefused, type Refused } from './refused.ts';
import { evidenceKey } from './seal.ts';
import { staffDoor } from './staff.ts';
import { doWorks } from './works.ts';

export { emptyRequest, type FollowUp } from './follow.ts';
export type { CaseRequest, Filed } from './intake.ts';
export { verifyFolder } from './verify.mjs';

type CaseRoute = Extract<RouteName, `cases.${string}`>;

/** What the desk's pages do. A token is a follow-up's, opened with number and PIN. */
export interface Desk {
  /** By network address: whoever floods the desk waits, and is not protected unseen. @throws {Refusal} `slow_down` */
  file(
    filing: { idem: string; language: 'fr' | 'en'; request: CaseRequest },
    address: string,
  ): Promise<Filed>;
  check: typeof checkRequest;
  /** @throws {Refusal} `code_unknown`, `slow_down` */
  open(number: string, pin: string, address: string): Promise<string>;
  recover(number: string, code: string, address: string): Promise<string>;
  /** @throws {Refusal} `session_required` for these and those below */
  read(token: string | undefined): Promise<FollowUp>;
  complete(token: string | undefined, more: Partial<CaseRequest>): Promise<void>;
  say(token: string | undefined, words: string): Promise<void>;
  withdraw(token: string | undefined): Promise<void>;
  appeal(token: string | undefined, words: string): Promise<void>;
  close(token: string): Promise<void>;
  readonly refused: Refused;
}

/** The desk and the console. */
export interface Cases {
  readonly handlers: Handlers<CaseRoute>;
  readonly assertStaff: Guard['assertStaff'];
  readonly purges: readonly Purge[];
  readonly desk: Desk;
  readonly partnerDesk: PartnerDesk;
  readonly rounds: Rounds<void>;
}

/** How long an answer waits for what is to be done elsewhere; it goes on behind it. In ms. */
const hurryMs = 1200;

export async function createCases(
  platform: Platform,
  others: {
    readonly accounts: Pick<Accounts, 'publicOf' | 'joins'>;
    readonly elsewhere: Elsewhere;
    readonly told: Told;
  },
): Promise<Cases> {
  const { config, clock, log } = platform;
  const parts: Parts = {
    platform,
    ...others,
    law: {
      clocks: new Set(
        clockIds.filter(
          (id) => clockRules[id].byDefault || (config.desk.clocks as readonly string[]).includes(id),
        ),
      ),
    },
    key: await evidenceKey(platform.db, clock()),
    post: smtpPost(config.desk.smtp, config.desk.from),
    async hurry(caseId) {
      const works = doWorks(parts, caseId).catch((error: unknown) =>
        log.warn({ err: error }, 'work put off'),
      );
      await Promise.race([works, new Promise((resolve) => setTimeout(resolve, hurryMs).unref())]);
    },
  };
  const desk = createDesk(parts);
  return {
    handlers: {
      ...deskHandlers(parts, desk),
      ...mineHandlers(parts),
      ...consoleHandlers(parts),
      ...approvalHandlers(parts),
    },
    assertStaff: staffDoor(platform.db),
    purges: casePurges(parts),
    desk,
    partnerDesk: createPartnerDesk(parts),
    rounds: startClocks(parts),
  };
}

function createDesk(parts: Parts): Desk {
  const { platform } = parts;
  const filings = createSharedLimiter('desk/file', { burst: 10, perMinute: 0.2 }, platform);
  /** Requests of one household that are protected before anybody looked (DSA art. 23). */
  const protections = createSharedLimiter('desk/protect', { burst: 5, perMinute: 5 / (24 * 60) }, platform);
  const openings = createSharedLimiter('desk/open', { burst: 20, perMinute: 4 }, platform);
  return {
    async file(filing, address) {
      await filings.takeAddress(address);
      return fileRequest(parts, { ...filing, mayProtect: await protections.mayTakeAddress(address) });
    },
    check: checkRequest,
    async open(number, pin, address) {
      await openings.takeAddress(address);
      return openFollowUp(parts, number, pin);
    },
    async recover(number, code, address) {
      await openings.takeAddress(address);
      return recoverPin(parts, number, code);
    },
    read: (token) => readFollowUp(parts, token),
    complete: (token, more) => completeRequest(parts, token, more),
    say: (token, words) => sayToDesk(parts, token, words),
    withdraw: (token) => withdrawRequest(parts, token),
    appeal: (token, words) => appealAsReporter(parts, token, words),
    close: (token) => closeFollowUp(parts, token),
    refused: createRefused(parts),
  };
}

function deskHandlers(parts: Parts, desk: Desk): Handlers<'cases.file' | 'cases.check' | 'cases.figures'> {
  const { config, clock } = parts.platform;
  const checks = createLimiter({ burst: 120, perMinute: 60 }, { enabled: config.rateLimits, clock });
  return {
    async 'cases.file'({ body, request }) {
      const { validUnder, missing, ...filed } = await desk.file(body, request.ip);
      return { ...filed, validUnder: [...validUnder], missing: [...missing] };
    },
    async 'cases.check'({ body, request }) {
      checks.takeAddress(request.ip);
      const { validUnder, missing } = desk.check(body.request);
      return { validUnder: [...validUnder], missing: [...missing] };
    },
    'cases.figures': () => queueFigures(parts),
  };
}
