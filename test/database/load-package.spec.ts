import { describe, expect, it } from '@jest/globals';
import { loadPackage } from '../../src/database/load-package.js';
import { refusal } from './canary.js';

describe('an optional package', () => {
  it('that is missing is named in the first line', async () => {
    const name = 'not-installed-anywhere';
    const error = await refusal(
      'MISSING_PACKAGE',
      loadPackage(name, () => import(name)),
    );
    expect(error.message.split('\n')[0]).toContain(`npm install ${name}`);
    expect(error.exitCode).toBe(64);
  });

  it('that is only in the working directory is found there', async () => {
    const name = 'pg';
    const notFound = Object.assign(new Error(`Cannot find package 'pg' imported from x.js`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    const module = await loadPackage<{ Client?: unknown }>(name, () => Promise.reject(notFound));
    expect(module.Client).toBeDefined();
  });

  it('that is there but broken is not reported as missing', async () => {
    const broken = Object.assign(new Error(`Cannot find package 'pg-types' imported from pg.js`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    await expect(loadPackage('pg', () => Promise.reject(broken))).rejects.toBe(broken);
  });
});
