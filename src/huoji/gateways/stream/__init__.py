"""Between gateways and the store, when there is more than one machine: a replicated stream in sixteen partitions."""
