"""A small description of a Configuration API, of the shape that an appliance serves."""

from __future__ import annotations

DESCRIPTION = b"""
openapi: 3.0.0
info: {title: Configuration APIs of a test, version: '1.9'}
servers:
  - url: https://mycompany.example.com/api/config/v1
paths:
  /shelf:
    get:
      summary: Get all shelves.
      parameters:
        - $ref: '#/components/parameters/PerPageParam'
        - $ref: '#/components/parameters/CurrentPageParam'
        - {in: query, name: kind, schema: {type: string, enum: [tall, low]}}
      responses:
        '200':
          description: OK
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Shelf'}}}}
    post:
      summary: Create a shelf.
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}
        required: true
      responses: {201: {description: Made}}
  /shelf/{id}:
    parameters:
      - $ref: '#/components/parameters/IdParam'
    get:
      summary: Get a shelf.
      responses: {'200': {description: OK, content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}}}
    patch:
      summary: Change a shelf.
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}}
      responses: {'200': {description: OK}}
    delete: {summary: Delete a shelf., responses: {'204': {description: Gone}}}
  /shelf/label:
    get: {summary: Get the labels., responses: {'200': {content: {application/zip: {schema: {type: string}}}}}}
  /shelf/{id}/book/{book_id}:
    get: {summary: Get a book., responses: {'200': {description: OK}}}
  /shelf/{id}/dust:
    post: {summary: Dust a shelf., responses: {'204': {description: Done}}}
  /search:
    get:
      summary: Search.
      parameters: [{in: query, name: words, required: true, schema: {type: string}}, {in: header, name: X-Y}]
      responses: {'200': {description: OK}}
components:
  parameters:
    IdParam: {name: id, in: path, required: true, schema: {type: integer}}
    PerPageParam: {name: per_page, in: query, required: false, schema: {type: integer, maximum: 100}}
    CurrentPageParam: {name: current_page, in: query, required: false, schema: {type: integer}}
  schemas:
    Shelf:
      allOf:
        - $ref: '#/components/schemas/Thing'
        - oneOf: [{$ref: '#/components/schemas/Tall'}, {type: object, properties: {depth: {type: number}}}]
      required: [code_name]
    Thing:
      type: object
      required: [name, id]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, maxLength: 64}
        code_name: {$ref: '#/components/schemas/CodeName'}
        boards: {type: integer}
        open: {type: boolean}
        tags: {type: array, items: {type: string}}
        options: {type: object}
        color: {type: string, enum: [red, blue]}
        room: {type: integer, nullable: true}
        owner: {oneOf: [{type: string}, {type: integer}]}
    Tall: {type: object, properties: {ladder: {type: boolean}}}
    CodeName: {type: string, pattern: '^[a-z_]+$'}
"""
