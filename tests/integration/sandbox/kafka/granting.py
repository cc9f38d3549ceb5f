"""Give users rights, and make the topic of others, in a process of its own.

It runs inside the broker's namespace, reads the rights as JSON and prints the topics.
"""

from __future__ import annotations

import json
import sys

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from confluent_kafka.cimpl import NewTopic

from tests.integration.sandbox.kafka.authorized_broker import ADMIN, SERVER

OTHERS = "team-a.probe"


def main() -> None:
    """Do it as the user that may do anything."""
    admin = AdminClient(
        {
            "bootstrap.servers": SERVER,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": ADMIN,
            "sasl.password": ADMIN,
        }
    )
    rights = json.load(sys.stdin)
    bindings = [
        binding(user, kind, name, operation)
        for user, allowed in rights.items()
        for kind, name, operations in allowed
        for operation in operations
    ]
    if bindings:
        for future in admin.create_acls(bindings).values():
            future.result(120)
        admin.create_topics([NewTopic(OTHERS, 2, 1)])[OTHERS].result(120)
    print(json.dumps(sorted(admin.list_topics(timeout=60).topics)))


def binding(user: str, kind: str, name: str, operation: str) -> AclBinding:
    """Return one right on names that begin so; `*` and the cluster are literal."""
    literal = name == "*" or kind == "CLUSTER"
    pattern = ResourcePatternType.LITERAL if literal else ResourcePatternType.PREFIXED
    resource = ResourceType.BROKER if kind == "CLUSTER" else ResourceType[kind]
    permission = AclPermissionType.ALLOW
    return AclBinding(
        resource, name, pattern, f"User:{user}", "*", AclOperation[operation], permission
    )


main()
