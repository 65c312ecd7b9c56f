import { type ReactNode, useEffect } from 'react';
import { Redirect, useLocation } from 'wouter';
import { onRefusal } from '../api/client.ts';
import { type Audience, detour } from './detour.ts';
import type { Engine } from './engine/api.ts';
import { EngineContext, useEngine, useStatus } from './engine-access.tsx';
import { openEngine } from './opening.ts';
import { rememberVisit } from './visit.ts';
import { rememberPlace } from './way-back.ts';

/** Gives the engine to everything inside: the frame that says how many wait, and the pages behind the door. */
export function WithEngine({ children }: { readonly children: ReactNode }) {
  return <EngineContext value={openEngine()}>{children}</EngineContext>;
}

/** Refusals that say that the engine's picture of the session is out of date. */
const sessionRefusals: ReadonlySet<string> = new Set([
  'session_required',
  'device_required',
  'proof_required',
]);

/** Lets the engine look again when the server says that one stands elsewhere than the page thinks. */
function followRefusals(engine: Engine): () => void {
  let looking = false;
  return onRefusal((code) => {
    if (looking || !sessionRefusals.has(code)) return;
    looking = true;
    const settle = () => {
      looking = false;
    };
    engine.account.refresh().then(settle, settle);
  });
}

interface DoorProps {
  readonly to: Audience;
  /** The page shows what lies on this device: who has keys need not wait for the server's word to see it. */
  readonly ownThings?: boolean;
  /** What stands until it is known. */
  readonly waiting: ReactNode;
  readonly children: ReactNode;
}

/** Lets in whom the page is for, as soon as that is known. */
export function Door({ to, ownThings = false, waiting, children }: DoorProps) {
  const engine = useEngine();
  const status = useStatus();
  const [location] = useLocation();
  const { stage, hasKeys } = status;
  useEffect(() => {
    if (stage !== 'starting') rememberVisit(stage !== 'signed-out' || hasKeys);
  }, [stage, hasKeys]);
  useEffect(() => followRefusals(engine), [engine]);
  const elsewhere = detour(to, status);
  useEffect(() => {
    if (elsewhere === '/gate') rememberPlace(location);
  }, [elsewhere, location]);
  if (stage === 'starting' && !(ownThings && hasKeys)) return waiting;
  if (elsewhere !== null && elsewhere !== location) return <Redirect to={elsewhere} replace />;
  return children;
}
