"""Disables every event source mapping of a function and enables it again, as somebody would write it by hand.

toggle_by_hand.py FUNCTION SECONDS: ten threads; each update is polled until it is in force.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

function, seconds = sys.argv[1], float(sys.argv[2])
aws = boto3.client("lambda", config=Config(max_pool_connections=10))


def switch(mapping, enabled):
    aws.update_event_source_mapping(UUID=mapping, Enabled=enabled)
    while aws.get_event_source_mapping(UUID=mapping)["State"] != ("Enabled" if enabled else "Disabled"):
        time.sleep(0.1)


pages = aws.get_paginator("list_event_source_mappings").paginate(FunctionName=function)
mappings = [mapping["UUID"] for page in pages for mapping in page["EventSourceMappings"]]
with ThreadPoolExecutor(10) as threads:
    list(threads.map(lambda mapping: switch(mapping, False), mappings))
    time.sleep(seconds)
    list(threads.map(lambda mapping: switch(mapping, True), mappings))
