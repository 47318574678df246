"""Prints the messages of the queue "hello"."""
import os

import pika


def receive(_channel, _method, _properties, body):
    print(f"Received {body.decode()}", flush=True)


channel = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])).channel()
channel.queue_declare(queue="hello")
channel.basic_consume(queue="hello", on_message_callback=receive, auto_ack=True)
print("Waiting for messages", flush=True)
channel.start_consuming()
