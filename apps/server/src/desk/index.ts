import { randomUUID } from 'node:crypto';
import type { Language } from '@accord/law';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Desk } from '../cases/index.ts';
import type { Platform } from '../platform/platform.ts';
import { Refusal } from '../platform/refusal.ts';
import { type PublicFigures, publicFigures } from '../transparency/index.ts';
import { type Fields, readFields, requestOf, type Step, steps } from './answers.ts';
import { figuresPage } from './figures-page.ts';
import { codePage, followPage, openPage } from './follow-pages.ts';
import { completePage, questionPage, sentPage, startPage } from './form-pages.ts';
import { type Frame, frameOf, helpPage } from './page.ts';
import { refusedPage, shownPage } from './refused-pages.ts';
import { bases } from './words.ts';

const cookieName = 'accord_case';
/** The largest form: eight pictures' fingerprints and four thousand words. */
const formBytes = 96 * 1024;

/**
 * The pages for anybody whose picture moved without them: drawn here, without an account, working without a script but for
 * taking fingerprints. Their referrer goes to us alone: without one a browser names no origin when it posts a form.
 */
export function addDesk(app: FastifyInstance, platform: Platform, desk: Desk): void {
  app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formBytes },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'referrer-policy': 'same-origin', 'cache-control': 'no-store' });
    });
    const figures = figuresByHour(platform);
    for (const language of Object.keys(bases) as Language[]) {
      addForm(scope, frameOf(language), desk);
      addFigures(scope, frameOf(language), figures);
      addFollowUp(scope, frameOf(language), platform, desk);
      addRefused(scope, frameOf(language), desk);
    }
  });
}

const send = (reply: FastifyReply, page: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(page);

const hourMs = 3_600_000;

/** Counted once an hour for everybody: what anybody may ask for costs next to nothing. */
function figuresByHour(platform: Platform): () => Promise<PublicFigures> {
  let counted: { readonly hour: number; readonly figures: Promise<PublicFigures> } | undefined;
  return () => {
    const hour = Math.floor(platform.clock() / hourMs);
    if (counted?.hour !== hour) {
      const figures = publicFigures(platform, platform.clock());
      counted = { hour, figures };
      figures.catch(() => {
        counted = undefined;
      });
    }
    return counted.figures;
  };
}

function addFigures(app: FastifyInstance, frame: Frame, figures: () => Promise<PublicFigures>): void {
  app.get(`${frame.base}/figures`, async (_request, reply) =>
    send(reply, figuresPage(frame, await figures())),
  );
}

function addForm(app: FastifyInstance, frame: Frame, desk: Desk): void {
  const { base } = frame;
  app.get(base, async (_request, reply) => send(reply, startPage(frame, randomUUID())));
  app.get(`${base}/help`, async (_request, reply) => send(reply, helpPage(frame)));
  app.get(`${base}/request`, async (_request, reply) => reply.redirect(base));
  app.post(`${base}/request`, { bodyLimit: formBytes }, async (request, reply) => {
    const fields = readFields(request.body);
    const at = steps.indexOf(fields.get('step') as Step);
    if (fields.get('go') === 'send') return sendRequest(frame, desk, fields, request, reply);
    const move = fields.get('go') === 'back' ? -1 : 1;
    const step = steps[at + move];
    if (step === undefined) return reply.redirect(base);
    return send(reply, questionPage(frame, step, fields, missingOf(desk, fields)));
  });
}

const missingOf = (desk: Desk, fields: Fields) => desk.check(requestOf(fields)).missing;

async function sendRequest(
  frame: Frame,
  desk: Desk,
  fields: Fields,
  { ip }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const request = requestOf(fields);
  const idem =
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(fields.get('idem') ?? '')?.[0] ?? randomUUID();
  try {
    const filed = await desk.file({ idem, language: frame.language, request }, ip);
    return send(reply, sentPage(frame, filed, request));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { slow, away } = frame.t;
    const note = error.code === 'slow_down' ? slow : away;
    // The same page again with all that was typed: nothing is lost.
    return send(reply.code(error.status), questionPage(frame, 'sign', fields, missingOf(desk, fields), note));
  }
}

function addFollowUp(app: FastifyInstance, frame: Frame, platform: Platform, desk: Desk): void {
  const { base, t } = frame;
  const cookie = {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: platform.config.publicUrl.protocol === 'https:',
  } as const;
  const tokenOf = (request: FastifyRequest) => request.cookies[cookieName];
  const show = async (request: FastifyRequest, reply: FastifyReply, note: string | null) => {
    try {
      const follow = await desk.read(tokenOf(request));
      return send(reply, followPage(frame, follow, platform.clock(), note));
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'session_required') throw error;
      return send(reply, openPage(frame, tokenOf(request) === undefined ? null : t.follow.ended));
    }
  };

  app.get(`${base}/follow`, (request, reply) => show(request, reply, null));
  app.post(`${base}/follow`, async (request, reply) => {
    const fields = readFields(request.body);
    const token = await orRefusal(() =>
      desk.open(fields.get('number') ?? '', fields.get('pin') ?? '', request.ip),
    );
    if (typeof token !== 'string')
      return send(reply.code(token.status), openPage(frame, noteOf(frame, token, t.follow.wrong)));
    reply.setCookie(cookieName, token, cookie);
    // A page that is loaded again posts nothing again.
    return reply.redirect(`${base}/follow`, 303);
  });
  app.get(`${base}/code`, async (_request, reply) => send(reply, codePage(frame, null, null)));
  app.post(`${base}/code`, async (request, reply) => {
    const fields = readFields(request.body);
    const pin = await orRefusal(() =>
      desk.recover(fields.get('number') ?? '', fields.get('code') ?? '', request.ip),
    );
    if (typeof pin !== 'string')
      return send(reply.code(pin.status), codePage(frame, null, noteOf(frame, pin, t.code.wrong)));
    return send(reply, codePage(frame, pin, null));
  });

  const acts: Readonly<Record<string, (token: string | undefined, fields: Fields) => Promise<unknown>>> = {
    message: (token, fields) => desk.say(token, wordsOf(fields)),
    appeal: (token, fields) => desk.appeal(token, wordsOf(fields)),
    withdraw: (token) => desk.withdraw(token),
    complete: (token, fields) => desk.complete(token, requestOf(fields)),
    close: async (token) => token !== undefined && desk.close(token),
  };
  for (const [name, act] of Object.entries(acts)) {
    app.post(`${base}/follow/${name}`, { bodyLimit: formBytes }, async (request, reply) => {
      const done = await orRefusal(() => act(tokenOf(request), readFields(request.body)));
      if (name === 'close') return reply.clearCookie(cookieName, cookie).redirect(base, 303);
      if (!(done instanceof Refusal)) return reply.redirect(`${base}/follow`, 303);
      const note = done.code === 'invalid_input' ? t.follow.empty : t.follow.refused;
      return show(request, reply.code(done.status), noteOf(frame, done, note));
    });
  }
  app.get(`${base}/follow/complete`, async (request, reply) => {
    const follow = await orRefusal(() => desk.read(tokenOf(request)));
    if (follow instanceof Refusal) return reply.redirect(`${base}/follow`, 303);
    return send(reply, completePage(frame, follow));
  });
}

/** For whoever was refused: what they show goes to those who decide, and the answer is one and the same for any code. */
function addRefused(app: FastifyInstance, frame: Frame, desk: Desk): void {
  const path = `${frame.base}/refused`;
  app.get(path, async (_request, reply) => send(reply, refusedPage(frame, new Map(), null)));
  app.post(path, { bodyLimit: formBytes }, async (request, reply) => {
    const fields = readFields(request.body);
    const value = (name: string) => fields.get(name)?.replaceAll('\r\n', '\n').trim() ?? '';
    const shown = { code: value('code'), records: value('records'), words: value('words') };
    const done = await orRefusal(() => desk.refused.show(shown, request.ip));
    if (!(done instanceof Refusal)) return send(reply, shownPage(frame));
    return send(reply.code(done.status), refusedPage(frame, fields, done));
  });
}

/** A refusal as a value; anything else is ours and stays an error. */
async function orRefusal<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

const noteOf = ({ t }: Frame, refusal: Refusal, otherwise: string): string =>
  refusal.code === 'slow_down' ? t.slow : refusal.code === 'unavailable' ? t.away : otherwise;

function wordsOf(fields: Fields): string {
  const { words } = requestOf(fields);
  if (words === '') throw new Refusal('invalid_input', { field: 'words' });
  return words;
}
