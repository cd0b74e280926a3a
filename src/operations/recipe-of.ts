import type { Session } from '../database/database.js';
import { recipeOf as mysqlRecipe } from './mysql/recipe.js';
import { readMysqlFacts } from './mysql/table-facts.js';
import type { CoveredStatement, Recipe } from './operation-action.js';
import type { Operation, TableName } from './operation.js';
import { recipeOf as postgresRecipe } from './postgres/recipe.js';
import { readPostgresFacts } from './postgres/table-facts.js';
import type { TableFacts } from './table-facts.js';

/** A table as it is now, as far as operations ask. Reads only. */
export function readTableFacts(session: Session, table: TableName): Promise<TableFacts> {
  switch (session.server.dialect) {
    case 'postgresql':
      return readPostgresFacts(session, table);
    case 'mysql':
      return readMysqlFacts(session, table);
  }
}

/** What there is to do for an operation, on the server that the facts are of. Pure. */
export function recipeOf(
  operation: Operation,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  switch (facts.dialect) {
    case 'postgresql':
      return postgresRecipe(operation, facts, covered);
    case 'mysql':
      return mysqlRecipe(operation, facts, covered);
  }
}
