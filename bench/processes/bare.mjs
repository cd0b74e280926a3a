// What memory is compared with: Node, drizzle-orm and pg, and nothing done with them.
import 'pg';
import 'drizzle-orm/node-postgres';
