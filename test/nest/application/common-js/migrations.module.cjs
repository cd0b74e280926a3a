require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { MigratorModule } = require('../../../../dist/nest/index.js');

const { DATABASE_URL: url, MIGRATIONS: migrations } = process.env;
class MigrationsModule {}
Module({
  imports: [MigratorModule.forRoot({ database: { dialect: 'postgresql', url }, migrations })],
})(MigrationsModule);
exports.MigrationsModule = MigrationsModule;
