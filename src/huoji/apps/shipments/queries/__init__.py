"""Reads of shipments: stories, searches and worklists, each starting from what the actor may see."""
