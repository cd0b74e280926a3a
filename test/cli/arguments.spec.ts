import { afterAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { CLI, documentOf, project, removeProjects, runCli } from './child.js';

const cwd = project({});
afterAll(removeProjects);

describe('help and version', () => {
  it('--version prints the version of package.json', async () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    const finished = await runCli(['--version'], { cwd });
    expect(finished).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  it('--help names every command and every exit code on stdout', async () => {
    const { exitCode, stdout, stderr } = await runCli(['--help'], { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    for (const word of [
      'up',
      'plan',
      'status',
      'verify',
      'baseline',
      'repair',
      'unlock',
      'wait',
      ' 64 ',
      '130, 143',
      'drizzle.config',
    ]) {
      expect(stdout).toContain(word);
    }
  });

  it('a command has help with its examples and the common flags', async () => {
    const { exitCode, stdout } = await runCli(['repair', '--help'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Example');
    expect(stdout).toContain('rolled-back');
    expect(stdout).toContain('--json');
  });

  it('--version --json is one document', async () => {
    const document = documentOf(await runCli(['--version', '--json'], { cwd }));
    expect(document).toMatchObject({ schemaVersion: 1, command: 'version', ok: true, exitCode: 0 });
  });
});

describe('usage errors exit 64', () => {
  it.each([
    ['no command', []],
    ['an unknown command', ['migrate']],
    ['an unknown flag', ['up', '--force']],
    ['a flag of another command', ['status', '--terminate']],
    ['a missing tag', ['baseline']],
    ['one argument too many', ['up', '0001_a']],
    ['repair without a reason', ['repair', '0001_a', 'applied']],
    ['repair with another resolution', ['repair', '0001_a', 'done', '--reason', 'x']],
    ['unlock without a holder', ['unlock']],
    ['a duration without unit', ['wait', '--timeout', '60']],
    ['a role without a name', ['up', '--grant-to', 'app,']],
    ['another log format', ['up', '--log-format', 'xml']],
    ['quiet and verbose', ['up', '--quiet', '--verbose']],
    ['a module and a URL', ['up', '--module', 'x.js', '--url', 'postgres://h/d']],
  ])('%s', async (_name, args) => {
    const finished = await runCli(args, { cwd });
    expect(finished.exitCode).toBe(64);
    expect(finished.stdout).toBe('');
    expect(finished.stderr).toMatch(/^USAGE \(exit 64\)\n/);
    expect(finished.stderr).toContain('next ');
    expect(finished.stderr).not.toContain('    at ');

    const json = await runCli([...args, '--json'], { cwd });
    expect(json.exitCode).toBe(64);
    expect(documentOf(json)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      exitCode: 64,
      error: { code: 'USAGE', remedy: expect.stringContaining('') },
    });
  });

  it('suggests what was meant', async () => {
    expect((await runCli(['statsu'], { cwd })).stderr).toContain('status');
  });

  it('does not repeat a URL that stands in the wrong place', async () => {
    const secret = "postgres://me:c4n'ary@host/db";
    for (const args of [
      [secret],
      ['up', `--ulr=${secret}`],
      ['up', '--dialect-url', secret],
      ['wait', '--timeout', secret],
      ['up', `--log-format=${secret}`],
    ]) {
      const { stdout, stderr, exitCode } = await runCli([...args, '--json'], { cwd });
      expect(exitCode).toBe(64);
      expect(stdout + stderr).not.toMatch(/c4n|ary@/);
    }
  });
});

describe('output', () => {
  it('is plain text off a terminal, and coloured only when asked', async () => {
    const { stderr } = await runCli(['up', '--nope'], { cwd, env: { FORCE_COLOR: '1' } });
    expect(stderr).not.toContain('\u001b');
  });

  it('a result that cannot be written is no success and no crash', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [CLI, '--help'], {
      cwd,
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const exitCode = await new Promise((done) => child.on('close', done));
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(/^The result could not be written to stdout \(ENOSPC\)\.[^\n]*\n$/);
  });

  it('a reader that leaves early is no error', async () => {
    const child = spawn(process.execPath, [CLI, '--help'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.destroy();
    const exitCode = await new Promise((done) => child.on('close', done));
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
  });
});
