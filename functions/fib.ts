import { rpc } from "hopper";

const fib = (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2);

// Any AMQP client may call it: put a number on the queue `rpc_queue` and say where to reply.
export default rpc("rpc_queue", { durable: false, prefetch: 1 }, (n: number) => fib(n));
