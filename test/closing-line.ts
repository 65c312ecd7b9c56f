import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints what failed, a line each (`failed: file > test: why`), and the one line that machines read:
 * `N passed, N failed, N skipped`.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = errors.length;
    let skipped = 0;
    if (errors.length > 0) tell('outside any test', errors);
    for (const module of modules) {
      let own = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') {
          own += 1;
          tell(`${module.relativeModuleId} > ${test.fullName}`, test.result().errors);
        } else skipped += 1;
      }
      if (own === 0 && module.state() === 'failed') {
        own = 1;
        tell(module.relativeModuleId, module.errors());
      }
      failed += own;
    }
    console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}

function tell(what: string, errors: readonly { readonly message: string }[] = []): void {
  const why = errors.map(({ message }) => message.split('\n', 1)[0]).join('; ');
  console.log(`failed: ${what}: ${why}`);
}
