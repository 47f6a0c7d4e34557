"""Every column of the five seed schemas: where it lives here, or why it was dropped."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SeedTable:
    """A table of a seed: `same` columns keep their names in `ours`; `moved` and `dropped` say the rest."""

    seed: str
    table: str
    ours: str
    same: str
    moved: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)


GRANTED = "one row per room and person: (room_id, user_id) is the key"
TIMES = "approval_requested_at approved_at executed_at completed_at execution_time_ms created_at"

SEEDS = [
    SeedTable("000", "users", "users", "id email password_hash avatar_url created_at updated_at",
              {"name": "users.display_name"}),
    SeedTable("000", "conversations", "chat_rooms", "id created_at",
              {"title": "chat_rooms.name", "is_group": "chat_rooms.room_type", "created_by": "chat_rooms.creator_id"}),
    SeedTable("000", "participants", "room_participants", "user_id joined_at role",
              {"conversation_id": "room_participants.room_id"}, {"id": GRANTED}),
    SeedTable("000", "messages", "messages", "id sender_id content created_at edited_at",
              {"conversation_id": "messages.room_id", "attachments": "chat_file_attachments.message_id",
               "status": "room_participants.last_read_seq", "status_timestamps": "room_participants.last_read_at"}),
    SeedTable("000", "message_reactions", "message_reactions", "id message_id user_id emoji created_at"),
    SeedTable("000", "ai_cache", "ai_cache",
              "id model prompt_hash prompt_summary response_text tokens_used cost_estimate created_at ttl"),
    SeedTable("001", "users", "users", "id username email display_name avatar_url created_at updated_at",
              {"is_active": "users.current_account_status"}),
    SeedTable("001", "conversations", "chat_rooms", "id created_at updated_at",
              {"title": "chat_rooms.name", "created_by": "chat_rooms.creator_id",
               "last_message_at": "room_heads.last_message_at", "is_active": "chat_rooms.status",
               "settings": "chat_rooms.room_settings"}),
    SeedTable("001", "ai_models", "ai_models",
              "id name display_name avatar provider is_active capabilities created_at"),
    SeedTable("001", "messages", "messages", "id sender_type sender_id content created_at is_first_responder",
              {"conversation_id": "messages.room_id", "ai_model_id": "messages.model_used",
               "content_type": "messages.message_type", "metadata": "messages.content_metadata",
               "parent_message_id": "messages.reply_to_message_id"}),
    SeedTable("001", "conversation_participants", "room_participants", "user_id joined_at role",
              {"conversation_id": "room_participants.room_id", "is_active": "room_participants.status"},
              {"id": GRANTED}),
    SeedTable("001", "conversation_ai_models", "room_robots", "settings",
              {"conversation_id": "room_robots.room_id", "ai_model_id": "room_robots.robot_id",
               "is_active": "room_robots.active", "added_at": "room_robots.created_at"},
              {"id": "one row per room and robot: (room_id, robot_id) is the key"}),
    SeedTable("002", "conversations", "chat_rooms",
              "id provider model system_prompt context_window_size created_at updated_at",
              {"user_id": "chat_rooms.creator_id", "title": "chat_rooms.name",
               "auto_approval_settings": "auto_approval_settings.room_id", "metadata": "chat_rooms.room_settings"}),
    SeedTable("002", "messages", "messages", "id content token_count provider_metadata created_at",
              {"conversation_id": "messages.room_id", "role": "messages.sender_type",
               "images": "chat_file_attachments.message_id", "files": "chat_file_attachments.message_id"}),
    SeedTable("002", "tool_executions", "tool_executions",
              f"id message_id tool_name parameters result status {TIMES} cost error_message",
              {"conversation_id": "tool_executions.room_id"}),
    SeedTable("002", "context_optimizations", "context_optimizations",
              "id trigger_reason optimization_type tokens_before tokens_after summary affected_messages created_at",
              {"conversation_id": "context_optimizations.room_id"}),
    SeedTable("002", "file_uploads", "file_uploads",
              "id mime_type file_size storage_path content_hash metadata created_at",
              {"user_id": "file_uploads.owner_id", "filename": "chat_file_attachments.stored_filename",
               "original_name": "chat_file_attachments.original_filename",
               "conversation_id": "chat_file_attachments.room_id"}),
    SeedTable("002", "provider_configs", "provider_configs",
              "id provider config is_active is_default created_at updated_at",
              {"user_id": "provider_configs.created_by"}),
    SeedTable("002", "usage_logs", "usage_logs", "id user_id provider model input_tokens output_tokens cost created_at",
              {"conversation_id": "usage_logs.room_id"}),
    SeedTable("002", "auto_approval_settings", "auto_approval_settings",
              "id read_only_operations low_risk_operations specific_tools max_cost_per_tool max_cost_per_hour "
              "require_approval_for_new_tools updated_at",
              dropped={"user_id": "approval is a rule of the workspace or of a room, never of the person who asks"}),
    SeedTable("003", "Plan", "plans",
              "id name token_limit_daily document_limit session_limit price_monthly is_active created_at"),
    SeedTable("003", "User", "users",
              "id username email plan_id total_tokens_used last_login_at created_at updated_at",
              {"hashed_password": "users.password_hash", "is_active": "users.current_account_status",
               "email_verified": "users.is_email_verified"}),
    SeedTable("003", "ChatSession", "chat_rooms", "id description created_at updated_at last_activity_at",
              {"user_id": "chat_rooms.creator_id", "title": "chat_rooms.name",
               "total_messages": "room_heads.total_messages", "total_tokens": "room_heads.total_tokens",
               "is_active": "chat_rooms.status"}),
    SeedTable("003", "Document", "documents",
              "id user_id filename file_size mime_type content content_hash embedding_model tokens_used "
              "processing_status error_message created_at updated_at",
              {"session_id": "documents.room_id"},
              {"vector_id": "vectors live in the database, one per chunk: document_chunks.embedding"}),
    SeedTable("003", "ChatMessage", "messages",
              "id content token_count model_used context_documents processing_time_ms created_at updated_at",
              {"session_id": "messages.room_id", "user_id": "messages.sender_id",
               "parent_message_id": "messages.reply_to_message_id", "role": "messages.sender_type"}),
    SeedTable("003", "UsageStats", "usage_stats",
              "id user_id date tokens_used messages_sent documents_uploaded sessions_created created_at updated_at"),
    SeedTable("003", "DocumentChunk", "document_chunks",
              "id document_id chunk_index content token_count start_position end_position created_at",
              {"vector_id": "document_chunks.embedding"}),
    SeedTable("004", "users", "users",
              "id username first_name last_name email password_hash display_name avatar_url current_status "
              "last_seen_at chat_preferences account_type_informal current_account_status is_email_verified "
              "created_at updated_at deleted_at"),
    SeedTable("004", "chat_rooms", "chat_rooms",
              "id name description room_type status issue_id issue_description is_private guest_access_allowed "
              "max_participants creator_id parent_room_id escalation_level room_settings created_at updated_at "
              "deleted_at"),
    SeedTable("004", "room_participants", "room_participants",
              "room_id user_id role status can_send_messages can_invite_others can_see_history joined_at last_read_at "
              "left_at created_at updated_at deleted_at"),
    SeedTable("004", "messages", "messages",
              "id room_id sender_id message_type content content_metadata robot_id robot_response_to "
              "is_robot_visible_to_guests delivery_status reply_to_message_id thread_id created_at updated_at "
              "deleted_at"),
    SeedTable("004", "chat_file_attachments", "chat_file_attachments",
              "id message_id original_filename file_size mime_type thumbnail_url preview_available owner_id created_at "
              "updated_at deleted_at",
              {"file_manager_file_id": "chat_file_attachments.file_id"}),
    SeedTable("004", "robot_interactions", "robot_interactions",
              "id message_id robot_id request_data observation_data response_data status error_message started_at "
              "completed_at created_at updated_at"),
    SeedTable("004", "escalations", "escalations",
              "id source_room_id target_room_id from_level to_level priority status resolution_notes resolved_at "
              "created_at updated_at",
              {"escalation_reason": "escalations.reason", "created_by_user_id": "escalations.created_by",
               "assigned_to_user_id": "escalations.assigned_to"}),
    SeedTable("004", "access_permission_domains", "access_permission_domains", "permission_prefix description"),
    SeedTable("004", "messages_history", "messages_history", "history_id changed_at operation_type",
              {"id": "messages_history.subject_id", "room_id": "messages_history.row_data",
               "sender_id": "messages_history.row_data", "message_type": "messages_history.row_data",
               "content": "messages_history.row_data", "content_metadata": "messages_history.row_data",
               "robot_id": "messages_history.row_data", "delivery_status": "messages_history.row_data",
               "created_at": "messages_history.row_data", "updated_at": "messages_history.row_data",
               "deleted_at": "messages_history.row_data"}),
]  # fmt: skip
