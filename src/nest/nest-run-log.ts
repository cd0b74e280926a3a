import type { LoggerService } from '@nestjs/common';
import type { RunListener } from '../run-events.js';
import { describeEvent } from '../report/describe-event.js';
import { logRecordOf } from '../report/log-record.js';
import { createRunLogFilter } from '../report/run-log.js';

/** The run log through a Nest logger: one object an event, which text loggers print as a line and JSON loggers keep as fields. */
export function createNestRunLog(logger: LoggerService): RunListener {
  const isWorthALine = createRunLogFilter();
  return (event) => {
    if (!isWorthALine(event)) return;
    const record = logRecordOf(event);
    const { level } = describeEvent(event);
    if (level === 'error') logger.error(record);
    else if (level === 'warn') logger.warn(record);
    else logger.log(record);
  };
}
