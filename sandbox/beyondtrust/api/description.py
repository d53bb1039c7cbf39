"""What the pretend appliance says of its Configuration API, as OpenAPI."""

from __future__ import annotations

PER_PAGE = 2
"""Few, so that there is a second page."""
LISTED = ("current_page", "per_page")
FILTERS: dict[str, tuple[str, ...]] = {"jump-group": ("name", "code_name"), "user": ("username",)}
FIELDS: dict[str, dict[str, str]] = {
    "jump-group": {"name": "string", "code_name": "string", "comments": "string"},
    "user": {
        "public_display_name": "string",
        "private_display_name": "string",
        "email_address": "string",
        "enabled": "boolean",
    },
}
"""What can be set, and its type."""

DESCRIPTION = """\
openapi: 3.0.3
info:
  title: Configuration API of a pretend appliance
  version: "1.0"
servers:
  - url: /api/config/v1
paths:
  /jump-group:
    get:
      summary: List Jump Groups
      parameters:
        - {name: name, in: query, schema: {type: string}}
        - {name: code_name, in: query, schema: {type: string}}
        - {$ref: "#/components/parameters/current_page"}
        - {$ref: "#/components/parameters/per_page"}
      responses:
        "200":
          description: Jump Groups
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/JumpGroup"}}
    post:
      summary: Make a Jump Group
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/NewJumpGroup"}
      responses:
        "201":
          description: The Jump Group
          content:
            application/json:
              schema: {$ref: "#/components/schemas/JumpGroup"}
  /jump-group/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      summary: One Jump Group
      responses:
        "200":
          description: The Jump Group
          content:
            application/json:
              schema: {$ref: "#/components/schemas/JumpGroup"}
    patch:
      summary: Change a Jump Group
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/JumpGroup"}
      responses:
        "200":
          description: The Jump Group
          content:
            application/json:
              schema: {$ref: "#/components/schemas/JumpGroup"}
    delete:
      summary: Delete a Jump Group
      responses:
        "204":
          description: Deleted
  /user:
    get:
      summary: List users
      parameters:
        - {name: username, in: query, schema: {type: string}}
        - {$ref: "#/components/parameters/current_page"}
        - {$ref: "#/components/parameters/per_page"}
      responses:
        "200":
          description: Users
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/User"}}
  /user/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    get:
      summary: One user
      responses:
        "200":
          description: The user
          content:
            application/json:
              schema: {$ref: "#/components/schemas/User"}
    patch:
      summary: Change a user
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/User"}
      responses:
        "200":
          description: The user
          content:
            application/json:
              schema: {$ref: "#/components/schemas/User"}
components:
  parameters:
    current_page: {name: current_page, in: query, schema: {type: integer, minimum: 1, default: 1}}
    per_page: {name: per_page, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
  schemas:
    JumpGroup:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, maxLength: 128}
        code_name: {type: string, maxLength: 64}
        comments: {type: string}
    NewJumpGroup:
      allOf:
        - $ref: "#/components/schemas/JumpGroup"
      required: [name, code_name]
    User:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        username: {type: string, readOnly: true}
        public_display_name: {type: string}
        private_display_name: {type: string}
        email_address: {type: string}
        enabled: {type: boolean}
"""
