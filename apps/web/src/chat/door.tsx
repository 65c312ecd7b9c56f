import { type ReactNode, use, useEffect, useState } from 'react';
import { Redirect, useLocation } from 'wouter';
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
