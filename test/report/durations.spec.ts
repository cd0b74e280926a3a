import { parseDuration } from '../../src/report/duration.js';
import { formatDuration } from '../../src/wording/duration.js';

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['10min', 600_000],
  ['10m', 600_000],
  ['1.5h', 5_400_000],
  [' 2 S ', 2000],
  ['0', 0],
])('%s is %d milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['30', '', 's', '-1s', '1d', '1e3s', 'NaNs', '1s2'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeNull();
});

it.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [1000, '1.0 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min'],
  [65_000, '1 min 5 s'],
  [3_600_000, '1 h'],
  [7_800_000, '2 h 10 min'],
])('%d is shown as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
