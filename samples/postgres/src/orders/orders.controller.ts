import {
  Body,
  ConflictException,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Query,
  UnprocessableEntityException,
} from '@nestjs/common';
import { parseNewOrder } from './new-order.js';
import { OrdersRepository, type OrderView } from './orders.repository.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersRepository) {}

  @Post()
  async place(@Body() body: unknown): Promise<OrderView> {
    const order = await this.orders.place(parseNewOrder(body));
    if (!order) throw new UnprocessableEntityException('no such product');
    return order;
  }

  @Get()
  ofCustomer(@Query('customer') customer: string): Promise<OrderView[]> {
    return this.orders.ofCustomer(customer);
  }

  @Get(':id')
  async find(@Param('id', ParseIntPipe) id: number): Promise<OrderView> {
    const order = await this.orders.find(id);
    if (!order) throw new NotFoundException();
    return order;
  }

  @Post(':id/payment')
  @HttpCode(204)
  async pay(@Param('id', ParseIntPipe) id: number): Promise<void> {
    if (!(await this.orders.pay(id))) throw new ConflictException('no order waits for payment');
  }
}
