"""Pods and EndpointSlices as the tests order them: complete objects from a few words."""


def pod(order):
    """{"name", "ip", "port"} and what is special about it, as Kubernetes would have it."""
    name = order["name"]
    port = {"name": order.get("port_name", "discovery"), "containerPort": order["port"],
            "protocol": order.get("protocol", "TCP")}
    ready = "True" if order.get("ready", True) else "False"
    containers = [{"name": "cache", "image": "shop/cache:1", "ports": [port]}]
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "default",
                     "labels": order.get("labels", {"app": "shop"}),
                     "annotations": order.get("annotations", {})},
        "spec": {"containers": containers, "restartPolicy": "Always", "nodeName": "node-1",
                 "terminationGracePeriodSeconds": 30},
        "status": {"phase": order.get("phase", "Running"), "podIP": order.get("ip", ""),
                   "podIPs": [{"ip": order["ip"]}] if order.get("ip") else [],
                   "conditions": [{"type": "Ready", "status": ready}]},
    }


def endpoint_slice(order):
    """{"name", "service", "port", "endpoints": [{"ip", "ready", "terminating"}]}"""
    endpoints = [{"addresses": [each["ip"]],
                  "conditions": {"ready": each.get("ready", True),
                                 "serving": each.get("ready", True),
                                 "terminating": each.get("terminating", False)}}
                 for each in order["endpoints"]]
    return {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": order["name"], "namespace": "default",
                     "labels": {"kubernetes.io/service-name": order["service"]}},
        "addressType": order.get("family", "IPv4"),
        "endpoints": endpoints,
        "ports": [{"name": order.get("port_name", "discovery"), "port": order["port"],
                   "protocol": "TCP"}],
    }
