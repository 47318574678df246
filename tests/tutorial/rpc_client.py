"""Asks the queue "rpc_queue" for a Fibonacci number.  Usage: rpc_client.py [N]"""
import os
import sys
import uuid

import pika


class Fibonacci:
    """The queue "rpc_queue" as a function: replies come to a queue of its own, told apart by their id."""

    def __init__(self):
        self.connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
        self.channel = self.connection.channel()
        self.replies = self.channel.queue_declare(queue="", exclusive=True).method.queue
        self.channel.basic_consume(queue=self.replies, on_message_callback=self._reply, auto_ack=True)
        self.id = self.answer = None

    def _reply(self, _channel, _method, properties, body):
        if properties.correlation_id == self.id:
            self.answer = int(body)

    def __call__(self, n):
        self.id, self.answer = str(uuid.uuid4()), None
        self.channel.basic_publish(
            exchange="",
            routing_key="rpc_queue",
            body=str(n).encode(),
            properties=pika.BasicProperties(reply_to=self.replies, correlation_id=self.id),
        )
        while self.answer is None:
            self.connection.process_data_events(time_limit=None)
        return self.answer


n = int(sys.argv[1]) if len(sys.argv) > 1 else 30
print(f"Requesting fib({n})", flush=True)
fibonacci = Fibonacci()
print(f"Got {fibonacci(n)}")
fibonacci.connection.close()
