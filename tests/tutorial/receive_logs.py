"""Prints every line that is published from now on."""
import os

import pika


def receive(_channel, _method, _properties, body):
    print(f"Received {body.decode()}", flush=True)


channel = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])).channel()
channel.exchange_declare(exchange="logs", exchange_type="fanout")
queue = channel.queue_declare(queue="", exclusive=True).method.queue
channel.queue_bind(exchange="logs", queue=queue)
channel.basic_consume(queue=queue, on_message_callback=receive, auto_ack=True)
print("Waiting for logs", flush=True)
channel.start_consuming()
