/** The model as JSON, exactly as the API carries it (contract 2.1). */
export interface ModelJson {
  readonly schema_version: string
  readonly type_definitions: readonly TypeDefinitionJson[]
  readonly conditions?: Readonly<Record<string, ConditionJson>>
}

export interface TypeDefinitionJson {
  readonly type: string
  readonly relations: Readonly<Record<string, UsersetJson>>
  readonly metadata: TypeMetadataJson | null
}

export interface TypeMetadataJson {
  readonly relations: Readonly<Record<string, RelationMetadataJson>>
  readonly module: string
  readonly source_info: SourceInfoJson | null
}

export interface RelationMetadataJson {
  readonly directly_related_user_types: readonly RelationReferenceJson[]
  readonly module: string
  readonly source_info: SourceInfoJson | null
}

export interface SourceInfoJson {
  readonly file: string
}

export interface RelationReferenceJson {
  readonly type: string
  readonly relation?: string
  readonly wildcard?: Readonly<Record<string, never>>
  readonly condition: string
}

export type UsersetJson =
  | { readonly this: Readonly<Record<string, never>> }
  | { readonly computedUserset: ObjectRelationJson }
  | {
      readonly tupleToUserset: {
        readonly tupleset: ObjectRelationJson
        readonly computedUserset: ObjectRelationJson
      }
    }
  | { readonly union: { readonly child: readonly UsersetJson[] } }
  | { readonly intersection: { readonly child: readonly UsersetJson[] } }
  | { readonly difference: { readonly base: UsersetJson; readonly subtract: UsersetJson } }

export interface ObjectRelationJson {
  readonly object: string
  readonly relation: string
}

export interface ConditionJson {
  readonly name: string
  readonly expression: string
  readonly parameters: Readonly<Record<string, ParameterTypeJson>>
  readonly metadata: { readonly module: string; readonly source_info: SourceInfoJson | null } | null
}

export interface ParameterTypeJson {
  readonly type_name: string
  readonly generic_types: readonly ParameterTypeJson[]
}
