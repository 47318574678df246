import { rpc } from "hopper";

const fib = (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2);

// Any AMQP client can call it: send a number to the queue `rpc_queue`, with `reply_to` and `correlation_id`.
export default rpc("rpc_queue", { durable: false, prefetch: 1 }, (n: number) => fib(n));
