import { type ComponentProps, StrictMode } from 'react';
import { LanguageProvider } from '../messages/provider.tsx';
import { App } from './app.tsx';
import { Crash } from './crash.tsx';

/** The app with all that stands around it: the same in the browser and where pages are drawn at the build. */
export function Whole({ start }: Pick<ComponentProps<typeof LanguageProvider>, 'start'>) {
  return (
    <StrictMode>
      <LanguageProvider start={start}>
        <Crash>
          <App />
        </Crash>
      </LanguageProvider>
    </StrictMode>
  );
}
