import { type ReactNode, use, useEffect, useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import type { Engine, EngineStatus } from './engine/api.ts';
import { EngineContext, openEngine, useStatus } from './engine-access.tsx';
import { Waiting } from './shell.tsx';
import { rememberVisit } from './visit.ts';

/**
 * - `anyone`: nothing is asked;
 * - `strangers`: those who are signed in go on to the people;
 * - `members`: signed in on an enrolled device;
 * - `adults`: members with a proof of age.
 */
type Audience = 'anyone' | 'strangers' | 'members' | 'adults';

/** Where somebody at `stage` goes instead, or null where they may stay. The server decides; this only leads. */
export function detour(audience: Audience, status: Pick<EngineStatus, 'stage' | 'hasKeys'>): string | null {
  const { stage, hasKeys } = status;
  if (audience === 'anyone') return null;
  if (audience === 'strangers') {
    if (stage === 'ready' || stage === 'unreachable') return '/people';
    if (stage === 'no-proof') return '/gate';
    return null;
  }
  if (stage === 'signed-out') return hasKeys ? '/sign-in' : '/';
  if (stage === 'no-device') return '/return';
  if (stage === 'no-proof' && audience === 'adults') return '/gate';
  return null;
}

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
  if (!known || status.stage === 'starting') return <Waiting />;
  const elsewhere = detour(to, status);
  if (elsewhere !== null && elsewhere !== location) return <Redirect to={elsewhere} replace />;
  return children;
}
