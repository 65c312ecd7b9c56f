import { type ReactNode, use, useEffect, useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import { onRefusal } from '../api/client.ts';
import { type Audience, detour } from './detour.ts';
import type { Engine } from './engine/api.ts';
import { EngineContext, openEngine, useStatus } from './engine-access.tsx';
import { Waiting } from './shell.tsx';
import { rememberVisit } from './visit.ts';

/** Opens the engine and lets in whom the page is for. */
export function Door({ to, children }: { readonly to: Audience; readonly children: ReactNode }) {
  const engine = use(openEngine());
  return (
    <EngineContext value={engine}>
      <Opened engine={engine} to={to}>
        {children}
      </Opened>
    </EngineContext>
  );
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

interface OpenedProps {
  readonly engine: Engine;
  readonly to: Audience;
  readonly children: ReactNode;
}

function Opened({ engine, to, children }: OpenedProps) {
  const status = useStatus();
  const [location] = useLocation();
  const [known, setKnown] = useState(status.stage !== 'starting');
  useEffect(() => {
    void engine.ready().then(() => setKnown(true));
  }, [engine]);
  useEffect(() => {
    if (status.stage !== 'starting') rememberVisit(status.stage !== 'signed-out' || status.hasKeys);
  }, [status.stage, status.hasKeys]);
  useEffect(() => followRefusals(engine), [engine]);
  if (!known || status.stage === 'starting') return <Waiting />;
  const elsewhere = detour(to, status);
  if (elsewhere !== null && elsewhere !== location) return <Redirect to={elsewhere} replace />;
  return children;
}
