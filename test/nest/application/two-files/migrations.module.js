// Configuration in a file of its own, as `nest build` writes it.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { MigratorModule } from '../../../../dist/nest/index.js';

const { DATABASE_URL: url, SECOND_DATABASE_URL, MIGRATIONS: migrations } = process.env;
const second = SECOND_DATABASE_URL && {
  name: 'second',
  database: { dialect: 'postgresql', url: SECOND_DATABASE_URL },
  migrations,
};

export class MigrationsModule {}
Module({
  imports: [
    MigratorModule.forRoot({ database: { dialect: 'postgresql', url }, migrations }),
    ...(second ? [MigratorModule.forRoot(second)] : []),
  ],
})(MigrationsModule);
