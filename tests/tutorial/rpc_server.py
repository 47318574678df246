"""Answers with Fibonacci numbers what is asked on the queue "rpc_queue"."""
import os

import pika


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def answer(channel, method, request, body):
    n = int(body)
    print(f"Asked for fib({n})", flush=True)
    channel.basic_publish(
        exchange="",
        routing_key=request.reply_to,
        body=str(fibonacci(n)).encode(),
        properties=pika.BasicProperties(correlation_id=request.correlation_id),
    )
    channel.basic_ack(delivery_tag=method.delivery_tag)


channel = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])).channel()
channel.queue_declare(queue="rpc_queue")
channel.basic_qos(prefetch_count=1)
channel.basic_consume(queue="rpc_queue", on_message_callback=answer)
print("Waiting for requests", flush=True)
channel.start_consuming()
