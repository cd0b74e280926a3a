import { Module } from '@nestjs/common';
import { HealthModule } from './health/health.module.js';
import { MigrationsModule } from './migrations.module.js';
import { OrdersModule } from './orders/orders.module.js';

@Module({ imports: [MigrationsModule, HealthModule, OrdersModule] })
export class AppModule {}
