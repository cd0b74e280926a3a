import { noAnswer } from './connect-error.js';
import type { Session } from './database.js';

/**
 * The same session for questions of ours, none of which takes long: a server, or a proxy before it, that falls silent without closing the
 * connection would otherwise be waited for without end. A question that gets no answer in time costs the connection.
 *
 * @param label `host:port/database` for the error
 * @param answerMs milliseconds from the call to the answer
 * @throws {MigratorError} `UNREACHABLE` from `query` and `execute`
 */
export function answeringSession(session: Session, label: string, answerMs: number): Session {
  const inTime = async <T>(answer: Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(noAnswer(label, answerMs));
        void session.close();
      }, answerMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      // What is rejected later, because the connection was cut, has nobody left to hear it.
      answer.catch(() => undefined);
    }
  };
  return {
    server: session.server,
    backendId: session.backendId,
    lost: session.lost,
    driver: session.driver,
    query: (sql, params, options) => inTime(session.query(sql, params, options)),
    execute: (statement) => inTime(session.execute(statement)),
    cancel: () => session.cancel(),
    close: () => session.close(),
  };
}
