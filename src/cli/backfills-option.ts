import { Option } from 'commander';

/** `--backfills <where>` of the commands that plan or run: an operation is known with --module alone, whose option it goes before. */
export function backfillsOption(): Option {
  return new Option(
    '--backfills <where>',
    'who goes through the rows of operations: up = this run; worker = `backfill run`, to which this run leaves them (default: as configured, else up)',
  ).choices(['up', 'worker']);
}
