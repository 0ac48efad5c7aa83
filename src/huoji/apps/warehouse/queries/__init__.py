"""Reads of the warehouse: stock, goods, counts and anomalies, each starting from the sites that the actor may see."""
