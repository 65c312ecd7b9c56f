import { type Access, contract, type Parsed, type Reply, type RouteName, routes, type Shapes } from '@accord/protocol';
import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Platform } from './platform.ts';
import { Refusal } from './refusal.ts';

/** Who calls: a live session, bound to a device once that device has enrolled. */
export interface Caller {
  readonly accountId: string;
  readonly deviceId: string | null;
  /** SHA-256 of the session's token: names the session, opens nothing. */
  readonly tokenHash: Buffer;
}

/** A caller on an enrolled device. */
export interface DeviceCaller extends Caller {
  readonly deviceId: string;
}

/** Decides who may pass. `accounts` answers the first question, `gate` the second. */
export interface Guard {
  caller(token: string | undefined): Promise<Caller | null>;
  /** The one function that decides who may talk. @throws {Refusal} `proof_required` */
  assertMayTalk(accountId: string): Promise<void>;
}

type CallerOf<N extends RouteName> = (typeof routes)[N]['access'] extends 'anyone'
  ? null
  : (typeof routes)[N]['access'] extends 'session'
    ? Caller
    : DeviceCaller;

/** One call of route `N`: parsed, and its caller let through. */
export interface Call<N extends RouteName> extends Parsed<N> {
  readonly caller: CallerOf<N>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Handlers by route name; a feature gives its own, the composition checks that none is missing. */
export type Handlers<N extends RouteName> = { readonly [K in N]: (call: Call<K>) => Promise<Reply<K>> };
